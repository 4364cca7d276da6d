/** A folder for a database that is there for a drill alone. */
export interface ScratchFolder {
  readonly path: string
  /** Removes it and everything in it. */
  remove(): Promise<void>
}
