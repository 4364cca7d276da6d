import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** Whether a password is the one that is kept. Each answer takes a tenth of a second, whatever it is. */
export function passwordCheck(password: string): (given: string) => Promise<boolean> {
  const salt = randomBytes(16)
  const kept = stretched(password, salt)
  return async (given) => timingSafeEqual(await kept, await stretched(given, salt))
}

function stretched(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFC'), salt, 32, { N: 2 ** 15, r: 8, maxmem: 2 ** 26 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    ),
  )
}
