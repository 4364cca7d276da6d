/** The result of a transform for a value that it cannot convert. */
export const unreadable: unique symbol = Symbol('unreadable')

/** One step between the stored form of a value and the value in the record. Never throws. */
export type Transform = (value: unknown) => unknown

/** Applies the step to non-empty strings; everything else stays unchanged. */
export function onText(step: (text: string) => unknown): Transform {
  return (value) => (typeof value === 'string' && value !== '' ? step(value) : value)
}

export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

/** Parsed JSON, or the text itself if it is not JSON. */
export function jsonOrText(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text)
    return parsed
  } catch {
    return text
  }
}
