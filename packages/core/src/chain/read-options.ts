import type { Codec } from '../ports/codec.js'
import type { Driver } from '../ports/driver.js'
import type { Encryption } from '../ports/encryption.js'

/** What every operation is given that reads backups. */
export interface ReadOptions {
  readonly driver: Driver
  /** Codecs beyond the built-in compressions. */
  readonly codecs?: readonly Codec[] | undefined
  /** Opens encrypted backups. With it, a backup that is not encrypted is refused: anybody could have put it there. */
  readonly encryption?: Encryption | undefined
  /** Take backups that are not encrypted all the same. Default `false`. */
  readonly allowPlain?: boolean | undefined
  /** Aborts the operation, which then throws `signal.reason`. */
  readonly signal?: AbortSignal | undefined
}
