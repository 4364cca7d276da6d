import { createHmac, pbkdf2, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import * as z from 'zod'
import { keyBytes } from './key-text.js'

/** How a passphrase becomes a key, as written in the key file. Never secret. */
export type KeyDerivation = z.infer<typeof keyDerivationSchema>

/** The choices in a configuration. */
export type KeyDerivationChoice =
  | { readonly algorithm: 'scrypt'; readonly salt?: string | undefined }
  | { readonly algorithm: 'PBKDF2'; readonly iterations: number; readonly salt?: string | undefined }

/** PBKDF2 below this is refused: the number that the documentation gives. */
export const fewestIterations = 100_000

/** PBKDF2-HMAC-SHA-512 below this is warned about (OWASP Password Storage Cheat Sheet). */
export const advisedIterations = 210_000

/** PBKDF2 above this is refused, also in key files from storage, which could otherwise keep a reader busy for ever. */
export const mostIterations = 10_000_000

/** Bytes of memory that scrypt may use, whatever a key file says. */
const mostMemory = 256 * 1024 * 1024

const saltBytes = 32
const salt = z.base64().min(24).max(128)

/** Key files come from storage: the bounds keep a forged one from exhausting memory or time. */
export const keyDerivationSchema = z.discriminatedUnion('kdf', [
  z
    .strictObject({
      kdf: z.literal('scrypt'),
      N: z
        .int()
        .min(2)
        .max(2 ** 20),
      r: z.int().min(1).max(32),
      p: z.int().min(1).max(4),
      salt,
    })
    .refine(({ N }) => Number.isInteger(Math.log2(N)), 'N is not a power of 2')
    .refine(({ N, r }) => 128 * N * r <= mostMemory, `needs more than ${mostMemory} bytes`),
  z.strictObject({
    kdf: z.literal('PBKDF2'),
    hash: z.literal('SHA-512'),
    iterations: z.int().min(1).max(mostIterations),
    salt,
  }),
])

/**
 * The parameters for a new passphrase. The salt is always random. One from the configuration is mixed in, and
 * only the result is kept, in the key file; so reading needs the passphrase alone.
 */
export function newKeyDerivation(choice: KeyDerivationChoice): KeyDerivation {
  const random = randomBytes(saltBytes)
  const mixed = choice.salt === undefined ? random : createHmac('sha256', random).update(choice.salt).digest()
  const salt = mixed.toString('base64')
  if (choice.algorithm === 'PBKDF2')
    return { kdf: 'PBKDF2', hash: 'SHA-512', iterations: choice.iterations, salt }
  return { kdf: 'scrypt', N: 2 ** 17, r: 8, p: 1, salt }
}

/**
 * The key of a passphrase: scrypt (RFC 7914) or PBKDF2-HMAC-SHA-512 (RFC 8018). The passphrase is taken in
 * Unicode's NFC (RFC 8265, section 4.2), so that it does not matter which keyboard it came from.
 */
export async function deriveKey(passphrase: string, derivation: KeyDerivation): Promise<Uint8Array> {
  const text = passphrase.normalize('NFC')
  const salt = Buffer.from(derivation.salt, 'base64')
  if (derivation.kdf === 'PBKDF2')
    return promisify(pbkdf2)(text, salt, derivation.iterations, keyBytes, 'sha512')
  const { N, r, p } = derivation
  // OpenSSL counts a little more than the 128 * N * r bytes of RFC 7914.
  return stretch(text, salt, keyBytes, { N, r, p, maxmem: mostMemory + 128 * r * p + 1024 * 1024 })
}

const stretch = promisify<
  string,
  Uint8Array,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt)
