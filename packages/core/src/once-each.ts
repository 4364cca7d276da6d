/** Reads once for each key, and gives what was read to everybody who asks. What failed is read again for the next. */
export function onceEach<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return async (key) => {
    const reading = known.get(key) ?? (async () => read(key))()
    known.set(key, reading)
    reading.catch(() => known.delete(key))
    return reading
  }
}
