/** The fixed list of what a spool logs. `folder` is left to the owner, who knows which log it is. */
export type SpoolEvent =
  | { readonly event: 'log_created'; readonly epoch: number }
  | { readonly event: 'lock_taken_over'; readonly pid: number }
  | { readonly event: 'tail_cut'; readonly file: string; readonly offset: number; readonly bytes: number }
  | { readonly event: 'sequences_skipped'; readonly first: number; readonly last: number; readonly reason: 'torn' | 'damaged' }
  | { readonly event: 'damage_found'; readonly file: string; readonly offset: number; readonly reason: string }
  | { readonly event: 'segment_opened'; readonly file: string; readonly firstSequence: number }
  | { readonly event: 'segment_removed'; readonly file: string; readonly bytes: number; readonly reason: 'drained' | 'bytes' | 'age' }
  | { readonly event: 'segment_removal_failed'; readonly file: string; readonly cause: unknown }
  | { readonly event: 'cap_reached'; readonly heldBytes: number }
  | { readonly event: 'reserve_reached'; readonly freeBytes: number }
  | { readonly event: 'reserve_left'; readonly freeBytes: number }
  | { readonly event: 'free_space_unknown'; readonly cause: unknown }
  | { readonly event: 'disk_filled'; readonly cause: unknown }
  | { readonly event: 'disk_recovered' }
  | { readonly event: 'watermark_failed'; readonly cause: unknown }
  | { readonly event: 'log_failed'; readonly cause: unknown }
