/** Whether a value is what s3db.js makes of a secret: base64 of salt, nonce, tag and at least one byte. */
export function isStoredSecret(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 40 && /^[A-Za-z0-9+/]+={0,2}$/.test(value)
}
