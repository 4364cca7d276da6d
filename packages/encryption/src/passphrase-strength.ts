/** Fewest characters of a passphrase. Backups are attacked offline, at whatever speed money buys. */
export const shortestPassphrase = 12

/** Texts from examples, and the commonest of those that are long enough. Compared without case and spaces. */
const known: ReadonlySet<string> = new Set([
  'adminadminadmin',
  'backup-salt-2024',
  'backupencryptionkey',
  'backup_encryption_key',
  'changemechangeme',
  'changemeplease',
  'correcthorsebatterystaple',
  'iloveyouiloveyou',
  'letmeinletmein',
  'my-encryption-key',
  'my-secret-key',
  'mysecretpassword',
  'mysupersecretkey',
  'password1234',
  'password12345',
  'password123456',
  'passwordpassword',
  'qwertyqwerty',
  'qwertyuiop123',
  'qwertyuiopas',
  'secretsecret',
  'super-secret-key',
  'supersecretpassword',
  'your-32-byte-encryption-key-here',
  'your-encryption-key',
  'your-encryption-key-here',
  'your-secret-key',
])

/** Why a passphrase is too weak to encrypt with, if it is. */
export function weakPassphrase(passphrase: string): string | undefined {
  if (passphrase.trim() === '') return 'is empty'
  if ([...passphrase].length < shortestPassphrase) return `is shorter than ${shortestPassphrase} characters`
  if (new Set(passphrase).size < 5) return 'repeats the same few characters'
  if ('0123456789012345678901234567890'.includes(passphrase)) return 'is a plain sequence'
  if (known.has(passphrase.toLowerCase().replaceAll(/\s/g, '')))
    return 'is one of the first that an attacker tries'
  return undefined
}
