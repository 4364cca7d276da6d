import { keyFileName, readKeyFile } from './key-file.js'
import type { KeyFile } from './key-file-schema.js'
import { recoveryScript } from './recovery-script.js'

/** What each kind of recipient has to bring. */
const howToBring: Readonly<Record<string, string>> = {
  'raw-key':
    'the raw key, in the environment variable `BACKUP_KEY` (as it was given: `base64:...`, `hex:...`, or without a prefix)',
  passphrase: 'the passphrase, in the environment variable `BACKUP_PASSPHRASE`',
  rsa: 'the RSA private key, as a PEM file without a passphrase of its own, its path in `BACKUP_PRIVATE_KEY_FILE`',
  'aws-kms':
    'AWS credentials that may call `kms:Decrypt` with the key, where the AWS SDK finds them (environment, profile, role)',
}

/**
 * A document, in Markdown, on how to read an encrypted backup without this project: with only Node and the AWS
 * Encryption SDK. Print it and keep it with the key, away from the backups. It contains no secret. With the key file it
 * names the recipients; without it, every kind of recipient.
 *
 * Throws `corrupt` or `incompatible_format` for a key file that is none, or another backup's.
 */
export function describeRecovery(backup: {
  readonly backupId: string
  readonly keyFile?: Uint8Array | undefined
}): string {
  const { backupId } = backup
  const file = backup.keyFile && readKeyFile(backup.keyFile, backupId)
  return `# Recovery of the encrypted backup ${backupId}

You need the directory of the backup, Node 22.15 or newer, and one of these:

${waysToOpen(file).join('\n')}

## Steps

1. Get the backup's directory from wherever it is stored. In it lie the parts (names that end in \`.enc\`), the
   manifest \`s3db.json\` and the wrapped key \`${keyFileName(file?.generation)}\`. Where there is more than one (\`keys.2.json\`, ...),
   take the highest.
2. In an empty directory, install the AWS Encryption SDK for JavaScript:

   \`\`\`sh
   npm install @aws-crypto/client-node@5
   \`\`\`

3. Save this there as \`recover.mjs\`:

\`\`\`js
${recoveryScript}\`\`\`

4. Run it for the manifest. What it writes names the resources and says, under \`parts\`, which resource each part
   belongs to and what it holds (\`rows\` are the records), in the order of \`parts\` in \`s3db.json\`:

   \`\`\`sh
   node recover.mjs path/to/${keyFileName(file?.generation)} path/to/s3db.json manifest.json
   \`\`\`

5. Run it for each part. It decrypts, decompresses and writes JSON lines, one record a line:

   \`\`\`sh
   node recover.mjs path/to/${keyFileName(file?.generation)} path/to/p0001.jsonl.gz.enc p0001.jsonl
   \`\`\`

   It prints what the part says it is. The part must keep the name that it was stored under. If the program ends
   with an error, what it has written so far is genuine and not complete.

## What the files are

* A part is one message of the AWS Encryption SDK (algorithm suite 0x0478). Its data key is wrapped with the
  backup key: AES-256-GCM, provider \`s3db-backup\`, key name \`backup-key\`.
* Names of parts tell nothing. \`private\` in \`s3db.json\` is, in base64, a message like a part's whose content is
  gzip of JSON; \`tag\` is an HMAC-SHA-256 of every byte before it.
* The key file is JSON. Each \`wrapped\` is, in base64, another such message whose content is the backup key,
  32 bytes. \`raw-key\` and \`passphrase\` messages are wrapped with AES-256-GCM, provider \`s3db-backup\`, key name
  the recipient's id; \`rsa\` with RSA-OAEP and SHA-256, provider and key name alike; \`aws-kms\` with the KMS key in
  \`params.keyArn\`. A passphrase becomes a key with scrypt or PBKDF2-HMAC-SHA-512, as \`params\` say.
* \`aws-encryption-cli\` opens the \`wrapped\` of an \`aws-kms\` recipient; the parts need a program such as the one above,
  because the command line takes no raw keys without a plug-in.
`
}

function waysToOpen(file: KeyFile | undefined): string[] {
  if (file === undefined) return Object.values(howToBring).map((way) => `* ${way}`)
  return file.recipients.map(({ id, type, params }) => {
    const arn = typeof params.keyArn === 'string' ? ` (\`${params.keyArn}\`)` : ''
    return `* for the recipient \`${id}\`: ${howToBring[type] ?? `a key of the kind \`${type}\``}${arn}`
  })
}
