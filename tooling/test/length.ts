const milliseconds = { s: 1000, m: 60_000, h: 3_600_000 } as const

/** A time such as `10m` in ms. */
export function lengthOf(text: string): number {
  const [, number, unit] = /^(\d+)([smh])$/.exec(text) ?? []
  if (number === undefined || (unit !== 's' && unit !== 'm' && unit !== 'h'))
    throw new Error(`SOAK is ${text}, not such as 10m`)
  return Number(number) * milliseconds[unit]
}
