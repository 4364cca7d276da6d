import { createDecipheriv, hkdfSync } from 'node:crypto'

// Reads a message of the AWS Encryption SDK (format 2, suite 0x0478, one data key) by its specification, with Node
// alone: https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html

export interface PlainMessage {
  readonly context: Readonly<Record<string, string>>
  readonly provider: string
  readonly keyName: string
  readonly frameBytes: number
  readonly content: Buffer
}

/** Opens a message whose data key a raw AES keyring has wrapped. Throws where anything of it is not as it should be. */
export function openMessage(bytes: Buffer, wrappingKey: Uint8Array): PlainMessage {
  let at = 0
  const take = (length: number) => {
    at += length
    return bytes.subarray(at - length, at)
  }
  const sized = () => take(take(2).readUInt16BE())
  if (take(3).toString('hex') !== '020478') throw new Error('another format or suite')
  const messageId = take(32)
  const pairs = sized()
  if (take(2).readUInt16BE() !== 1) throw new Error('not one data key')
  const [provider, keyInfo, wrapped] = [sized(), sized(), sized()]
  if (take(1).readUInt8() !== 2) throw new Error('no frames')
  const frameBytes = take(4).readUInt32BE()
  const commitment = take(32)
  const header = bytes.subarray(0, at)
  const keyName = keyInfo.subarray(0, -20)
  const dataKey = open(wrappingKey, keyInfo.subarray(-12), pairs, wrapped)
  const derive = (label: string, salt: Uint8Array) =>
    Buffer.from(
      hkdfSync('sha512', dataKey, salt, Buffer.concat([Buffer.from('0478', 'hex'), Buffer.from(label)]), 32),
    )
  const key = derive('DERIVEKEY', messageId)
  if (!Buffer.from(hkdfSync('sha512', dataKey, messageId, 'COMMITKEY', 32)).equals(commitment))
    throw new Error('another commitment')
  open(key, Buffer.alloc(12), header, take(16))
  const content: Buffer[] = []
  for (let number = 1, last = false; !last; number++) {
    last = bytes.readUInt32BE(at) === 0xffffffff
    if (last) take(4)
    const sequence = take(4)
    if (sequence.readUInt32BE() !== number) throw new Error('frames in another order')
    const iv = take(12)
    const length = last ? take(4).readUInt32BE() : frameBytes
    const size = Buffer.alloc(8)
    size.writeBigUInt64BE(BigInt(length))
    const kind = `AWSKMSEncryptionClient ${last ? 'Final ' : ''}Frame`
    const bound = Buffer.concat([messageId, Buffer.from(kind), sequence, size])
    content.push(open(key, iv, bound, take(length + 16)))
  }
  if (at !== bytes.byteLength) throw new Error('something follows')
  return {
    context: contextOf(pairs),
    provider: String(provider),
    keyName: String(keyName),
    frameBytes,
    content: Buffer.concat(content),
  }
}

function open(key: Uint8Array, iv: Uint8Array, bound: Uint8Array, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, iv)
  decipher.setAAD(bound).setAuthTag(sealed.subarray(-16))
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
}

function contextOf(pairs: Buffer): Record<string, string> {
  let at = 2
  const text = () => {
    const length = pairs.readUInt16BE(at)
    at += 2 + length
    return String(pairs.subarray(at - length, at))
  }
  const context: Record<string, string> = {}
  for (let left = pairs.readUInt16BE(0); left > 0; left--) {
    const name = text()
    context[name] = text()
  }
  return context
}
