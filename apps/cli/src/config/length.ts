const units: Readonly<Record<string, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** A length such as `90s`, `45min`, `26h`, `7d` or `2w`, in ms; `undefined` if it is none. */
export function parseLength(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+)(s|min|h|d|w)$/.exec(text) ?? []
  const factor = units[unit]
  return number === undefined || factor === undefined ? undefined : Number(number) * factor
}
