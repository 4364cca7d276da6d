/** A backup that means harm. */
export interface HostileCase {
  /** What is wrong with it, in words. */
  readonly name: string
  /** Its id, other than those of all other cases. */
  readonly id: string
  /** What lies at the destination. */
  readonly objects: ReadonlyMap<string, Uint8Array>
  /**
   * How a restore ends: with this code, or with one of these, of which `fine` is none; or with these records, by
   * resource. `anyhow`: in any way that is told in words.
   */
  readonly restore: string | readonly string[] | Readonly<Record<string, readonly unknown[]>>
}

let made = 0

/** An id as ours are, other than every other. */
export function nextId(): string {
  made += 1
  return `full-2024-03-15T14-30-45-h${String(made).padStart(5, '0')}`
}
