import * as z from 'zod'

/** The facts about the server that the page needs first. */
export const about = z.object({
  version: z.string(),
  /** Whether anything can be changed from here. */
  writes: z.boolean(),
  /** Where the backups are. */
  place: z.string(),
  /** The options that say so, for commands: ` --path /mnt/backups`. */
  placeOptions: z.string(),
  /** The database that the backups are made of, without credentials; `null` if the server was given none. */
  database: z.string().nullable(),
  operator: z.string(),
})
export type About = z.output<typeof about>
