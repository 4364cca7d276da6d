import { deaf, type Mutant } from './mutant.js'

export const clockMutants: readonly Mutant[] = [
  {
    name: 'takes seconds for milliseconds',
    caughtBy: ['clock-time'],
    spoil: () => ({ clock: async () => new Date(Date.now() / 1000) }),
  },
  {
    name: 'cannot read the time that it is told',
    caughtBy: ['clock-time'],
    spoil: () => ({ clock: async () => new Date('Fri, 15 Mar') }),
  },
  {
    name: 'says the time as a number',
    caughtBy: ['clock-time'],
    spoil: () => {
      const clock: unknown = async () => Date.now()
      return { clock: clock as () => Promise<Date> }
    },
  },
  {
    name: 'says the time whatever the signal says',
    caughtBy: ['clock-aborted-before'],
    spoil: (good) => ({ clock: async () => (await good.clock?.({ signal: deaf })) ?? new Date() }),
  },
]
