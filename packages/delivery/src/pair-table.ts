// A pair is what the node remembers of one alert and one vehicle: the newest revision targeted and how far it got, the one before, and what
// the vehicle has. Columns of typed arrays; each pair is linked into the list of its row and into the list of its alert.

/** How far the delivery of a pair's newest targeted revision got. */
export const progresses = {
  /** It has its outcome, or there was none. */
  closed: 0,
  /** To be sent, or to be sent again after a reconnect. */
  waiting: 1,
  /** Written to the socket. */
  sent: 2,
  /** The SDK has it: no longer in the outbox, but without an outcome. */
  received: 3,
} as const

/** What a vehicle is to be told about an alert it may have. */
export const notices = { none: 0, ended: 1, withdrawn: 2 } as const

export interface PairTable {
  readonly slot: Int32Array
  /** -1 = the pair is free. */
  readonly row: Int32Array
  /** Newest revision targeted; 0 = none, the vehicle only said that it has the alert. */
  readonly revision: Uint32Array
  readonly progress: Uint8Array
  /** DeliveryState and DropReason of the newest revision's outcome, once it is closed. */
  readonly outcome: Uint8Array
  readonly dropReason: Uint8Array
  /** Stages reported of it: bit n = DeliveryStage n. */
  readonly stages: Uint8Array
  /** The revision targeted before it, its outcome and stages: an acknowledgement may have been on its way. */
  readonly earlierRevision: Uint32Array
  readonly earlierOutcome: Uint8Array
  readonly earlierStages: Uint8Array
  /** Newest revision the vehicle has, by its own word. */
  readonly heldRevision: Uint32Array
  /** Newest revision written to a socket of this vehicle. */
  readonly sentRevision: Uint32Array
  /** 1 = the vehicle may have some revision, so that it is to be told of the end. */
  readonly mayHold: Uint8Array
  readonly notice: Uint8Array
  readonly priority: Uint8Array
  /** Time to hazard in ms at `estimatedAtMs`; -1 = unknown. */
  readonly timeToHazardMs: Float64Array
  readonly estimatedAtMs: Float64Array
  /** How far the vehicle's approach to the hazard is, over all revisions (approach.ts), and when it was warned: 0 = it was not. */
  readonly approach: Uint8Array
  readonly warnedAtMs: Float64Array
  /** When it was last written to a socket; 0 = never. */
  readonly sentAtMs: Float64Array
  /** Since when the vehicle owes an answer, if it does. */
  readonly owedSinceMs: Float64Array

  readonly size: number
  readonly pairsMax: number
  firstOfRow(row: number): number
  nextOfRow(pair: number): number
  sizeOfRow(row: number): number
  firstOfSlot(slot: number): number
  nextOfSlot(pair: number): number
  /** The pair of a row and a slot; -1 = none. Linear in the row's pairs, of which there are few. */
  find(row: number, slot: number): number
  /** A fresh pair; -1 if table or row is full. */
  add(row: number, slot: number): number
  remove(pair: number): void
}

export function createPairTable(pairsMax: number, rowsMax: number, slotsMax: number, pairsPerRowMax: number): PairTable {
  const row = new Int32Array(pairsMax).fill(-1)
  const slot = new Int32Array(pairsMax)
  const nextOfRow = new Int32Array(pairsMax)
  const nextOfSlot = new Int32Array(pairsMax)
  const previousOfSlot = new Int32Array(pairsMax)
  const firstOfRow = new Int32Array(rowsMax).fill(-1)
  const firstOfSlot = new Int32Array(slotsMax).fill(-1)
  const sizeOfRow = new Uint16Array(rowsMax)
  const bytes = () => new Uint8Array(pairsMax)
  const words = () => new Uint32Array(pairsMax)
  const times = () => new Float64Array(pairsMax)
  const words4 = { revision: words(), earlierRevision: words(), heldRevision: words(), sentRevision: words() }
  const times5 = { timeToHazardMs: times(), estimatedAtMs: times(), sentAtMs: times(), owedSinceMs: times(), warnedAtMs: times() }
  const outcomes = {
    progress: bytes(),
    outcome: bytes(),
    dropReason: bytes(),
    stages: bytes(),
    earlierOutcome: bytes(),
    earlierStages: bytes(),
  }
  const columns = { ...words4, ...times5, ...outcomes, approach: bytes(), mayHold: bytes(), notice: bytes(), priority: bytes() }
  const all = Object.values(columns)
  /** Pairs given back, linked by nextOfRow; those never used come after. */
  let firstFree = -1
  let used = 0
  let size = 0

  function take(): number {
    if (firstFree === -1) return used < pairsMax ? used++ : -1
    const pair = firstFree
    firstFree = nextOfRow[pair]!
    return pair
  }

  return {
    ...columns,
    row,
    slot,
    pairsMax,
    get size() {
      return size
    },
    firstOfRow: of => firstOfRow[of]!,
    nextOfRow: pair => nextOfRow[pair]!,
    sizeOfRow: of => sizeOfRow[of]!,
    firstOfSlot: of => firstOfSlot[of]!,
    nextOfSlot: pair => nextOfSlot[pair]!,
    find(ofRow, ofSlot) {
      let pair = firstOfRow[ofRow]!
      while (pair !== -1 && slot[pair] !== ofSlot) pair = nextOfRow[pair]!
      return pair
    },
    add(ofRow, ofSlot) {
      const pair = sizeOfRow[ofRow]! < pairsPerRowMax ? take() : -1
      if (pair === -1) return -1
      row[pair] = ofRow
      slot[pair] = ofSlot
      nextOfRow[pair] = firstOfRow[ofRow]!
      firstOfRow[ofRow] = pair
      sizeOfRow[ofRow]!++
      const head = firstOfSlot[ofSlot]!
      nextOfSlot[pair] = head
      previousOfSlot[pair] = -1
      if (head !== -1) previousOfSlot[head] = pair
      firstOfSlot[ofSlot] = pair
      size++
      return pair
    },
    remove(pair) {
      const ofRow = row[pair]!
      if (firstOfRow[ofRow] === pair) firstOfRow[ofRow] = nextOfRow[pair]!
      else {
        let before = firstOfRow[ofRow]!
        while (nextOfRow[before] !== pair) before = nextOfRow[before]!
        nextOfRow[before] = nextOfRow[pair]!
      }
      sizeOfRow[ofRow]!--
      const before = previousOfSlot[pair]!
      const after = nextOfSlot[pair]!
      if (before === -1) firstOfSlot[slot[pair]!] = after
      else nextOfSlot[before] = after
      if (after !== -1) previousOfSlot[after] = before
      // Pairs that are free are all zeros: clearing costs more than linking, and targeting is what has to be quick.
      for (const column of all) column[pair] = 0
      row[pair] = -1
      nextOfRow[pair] = firstFree
      firstFree = pair
      size--
    },
  }
}
