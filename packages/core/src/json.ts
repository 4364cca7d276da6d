import * as z from 'zod'

/** A value that JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** For values that come out of `JSON.parse`, which can only be JSON: anything that is there at all. */
export const parsedJson = z.custom<JsonValue>((value) => value !== undefined, 'is missing')
