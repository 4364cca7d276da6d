/** Reads once for each key and gives the result to every caller. A failed read is repeated for the next caller. */
export function onceEach<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return async (key) => {
    const reading = known.get(key) ?? (async () => read(key))()
    known.set(key, reading)
    reading.catch(() => known.delete(key))
    return reading
  }
}
