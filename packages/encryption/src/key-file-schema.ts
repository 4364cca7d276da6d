import * as z from 'zod'

/** The first name of the format; the number rises when older readers must not read it. */
export const keyFileFormat = 's3db-backup-keys/1'

/** Recipients in one key file. */
export const mostRecipients = 32

/** How many of these may be passphrases: each costs a reader up to a second. */
export const mostPassphrases = 4

export const recipientIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'is not 1 to 64 letters, digits, dots, dashes or underscores')

/** An unknown type is skipped: another recipient may still open the file. */
export const slotSchema = z.strictObject({
  id: recipientIdSchema,
  type: z.string().min(1).max(32),
  params: z.record(z.string().max(32), z.union([z.string().max(4096), z.number()])),
  /** A message of the AWS Encryption SDK whose content is the backup key. */
  wrapped: z.base64().min(4).max(16_384),
})

/** The content of `keys.json`. It comes from storage, so nothing in it is trusted. */
export const keyFileSchema = z.strictObject({
  format: z.literal(keyFileFormat),
  backupId: z.string().min(1).max(256),
  /** 1 for the backup's own, one more with each rotation. The highest authentic one counts. */
  generation: z.int().min(1).max(1_000_000),
  recipients: z
    .array(slotSchema)
    .min(1)
    .max(mostRecipients)
    .refine(
      (slots) => new Set(slots.map(({ id }) => id)).size === slots.length,
      'has two recipients of one id',
    )
    .refine(
      (slots) => slots.filter(({ type }) => type === 'passphrase').length <= mostPassphrases,
      'has too many passphrases',
    ),
  /** HMAC-SHA-256 over all the rest, in canonical form, under a key derived from the backup key. */
  mac: z.base64().length(44),
})

export type KeyFile = z.infer<typeof keyFileSchema>
