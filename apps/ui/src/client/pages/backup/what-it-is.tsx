import type { BackupDetails } from '../../../api/backups.js'
import { Badge, Facts, Text, When } from '../../parts/basic.js'
import { bytes, lengthBetween, note, visible } from '../../words.js'

/** The manifest in words. */
export function WhatItIs({ of: data }: { readonly of: BackupDetails }) {
  const { backup } = data
  return (
    <>
      <h2>What it is</h2>
      <Facts
        of={[
          ['Made', <When key="at" at={data.began} age />],
          data.began !== null && data.ended !== null
            ? ['Took', lengthBetween(data.began, data.ended)]
            : undefined,
          [
            'Size',
            `${bytes(backup.bytes)} at the destination${data.contentBytes === null ? '' : `, ${bytes(data.contentBytes)} before compression`}`,
          ],
          ['Holds', data.selection ?? 'not recorded'],
          [
            'Read back',
            data.compared === true
              ? 'every part was read back and compared when it was made'
              : data.compared === false
                ? 'no: the backup was made without reading its parts back'
                : 'not recorded',
          ],
          ['Encryption', data.encryption === null ? 'none' : <Text key="e" of={data.encryption} />],
          ['Stored at', <Text key="p" of={data.path} mono />],
          ...data.copies.map(
            ({ path, complete }) =>
              [
                'Copy',
                <>
                  <Text of={path} mono /> {!complete && <Badge level="warn">incomplete</Badge>}
                </>,
              ] as const,
          ),
          ...Object.entries(data.storage).flatMap(([name, value]) =>
            Object.hasOwn(storageWords, name)
              ? [[storageWords[name] ?? '', <Text key={name} of={value} />] as const]
              : [],
          ),
          ...Object.entries(backup.tags).map(
            ([name, value]) => [`Note: ${visible(name)}`, <Text key={name} of={note(value)} />] as const,
          ),
          data.writer === null ? undefined : ['Written by', <Text key="w" of={data.writer} />],
          data.checksum === null ? undefined : ['Checksum', <Text key="c" of={data.checksum} mono />],
        ]}
      />
    </>
  )
}

/** The shown facts about the storage, by the names of the drivers. */
const storageWords: Readonly<Record<string, string>> = {
  type: 'Driver',
  bucket: 'Bucket',
  region: 'Region',
  storageClass: 'Storage class',
  serverSideEncryption: 'Encrypted by the server',
  provider: 'Provider',
}
