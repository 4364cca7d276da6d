import { hash } from 'node:crypto'

/** SHA-256 in lower-case hexadecimal, as manifests and offsets have it. */
export function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes)
}
