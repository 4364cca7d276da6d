import type { Driver } from '../ports/driver.js'

/** The driver for a dry run: what is put is read to its end and counted, what is there can be read. */
export function withoutWrites(driver: Driver): Driver {
  return {
    ...driver,
    async put(_key, body) {
      let bytes = 0
      for await (const chunk of body) bytes += chunk.byteLength
      return { bytes }
    },
    async delete() {
      // A dry run stored nothing that could be removed.
    },
  }
}
