/** A place for backups in memory, so that no disk is measured. */
export function memoryStore() {
  const objects = new Map()
  return {
    name: 'memory',
    async put(key, body) {
      const chunks = []
      for await (const chunk of body) chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      objects.set(key, bytes)
      return { bytes: bytes.byteLength }
    },
    async *get(key) {
      yield objects.get(key)
    },
    async *list(prefix) {
      for (const [key, { byteLength }] of [...objects])
        if (key.startsWith(prefix)) yield { key, bytes: byteLength }
    },
    async delete(key) {
      objects.delete(key)
    },
  }
}
