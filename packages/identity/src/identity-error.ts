/** Everything this package throws, by code. What a token or a peer's certificate lacks is no error but a refusal, returned as a value. */
export const identityErrorCodes = {
  /** An option or a request is out of range; the message names it and what is allowed. */
  bad_request: 'bad_request',
  /** The public key file gave no usable set at the start, so there is no last good one to go on with. */
  key_file_unusable: 'key_file_unusable',
  /** The folder is not empty, or the certificate is there already; nothing was written. */
  already_exists: 'already_exists',
  /** A file of the key folder is missing, cannot be read, or does not hold what it should. */
  key_folder_unusable: 'key_folder_unusable',
  /** No signing key is both held and published at this time. */
  no_signing_key: 'no_signing_key',
  /** A file could not be written; the one before it is untouched. */
  write_failed: 'write_failed',
} as const

export type IdentityErrorCode = (typeof identityErrorCodes)[keyof typeof identityErrorCodes]

/** The one error of this package. `message` says what to do next and holds no key, token or enrolment. */
export class IdentityError extends Error {
  readonly code: IdentityErrorCode
  /** True if the same call may succeed later without anyone changing its arguments. */
  readonly retriable: boolean

  constructor(code: IdentityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'IdentityError'
    this.code = code
    this.retriable = code === 'write_failed' || code === 'key_file_unusable'
  }
}
