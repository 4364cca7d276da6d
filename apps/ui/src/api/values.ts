import * as z from 'zod'

/** ISO 8601, UTC. */
export const time = z.string()

export const problem = z.object({
  code: z.string(),
  message: z.string(),
  suggestion: z.string(),
})
export type Problem = z.output<typeof problem>
