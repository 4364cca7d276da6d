/** A valid input, and a name for it. */
export interface Seed {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Something that reads what lies at a destination, or what people configure. */
export interface Reader {
  /** Also the name of its folder in the corpus. */
  readonly name: string
  readonly seeds: readonly Seed[]
  /** How its inputs are changed: bit by bit, or as JSON that stays JSON. */
  readonly changed: readonly ('bytes' | 'json')[]
  /**
   * `original`: the input is protected by hashes, so it either means what it always meant or is refused.
   * `valid`: nobody can tell it from an honest one, so it may mean something else; `read` throws if that is not in
   * order.
   */
  readonly promises: 'original' | 'valid'
  /** How many inputs are tried in the short profile. */
  readonly inputs: number
  /** What the reader makes of the bytes, as a value that has JSON. */
  read(bytes: Uint8Array, seed: Seed): Promise<unknown>
}
