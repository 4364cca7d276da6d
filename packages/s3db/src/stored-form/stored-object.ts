/** A record as the database's client gives and takes it. */
export interface StoredObject {
  /** Decoded metadata. The client gives null and undefined for what it stored as such; the key is there. */
  readonly metadata: Readonly<Record<string, string | null | undefined>>
  readonly body: Uint8Array
  /** Undefined leaves it to the client, which then says `application/octet-stream`. */
  readonly contentType: string | undefined
}

/** No body. */
export const emptyBody: Uint8Array = new Uint8Array(0)

/** The key as the client spells it in metadata: lower case, and `_` for all but letters, digits, `-` and `_`. */
export function metadataKey(key: string): string {
  return key.replace(/[^a-zA-Z0-9\-_]/g, '_').toLowerCase()
}
