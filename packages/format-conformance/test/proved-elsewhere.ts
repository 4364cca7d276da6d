/** Sentences that no backup can prove: those for writers, and those about keys. The test of ours that proves each. */
export const provedElsewhere: Readonly<Record<string, readonly [file: string, title: string]>> = {
  'write-1': ['packages/format-conformance/test/our-writer.test.ts', 'stores the manifest after every part'],
  'write-2': ['packages/format-conformance/test/our-writer.test.ts', 'writes no object twice'],
  'write-3': ['packages/core/src/deletion/remove.test.ts', 'removes the manifest first'],
  'write-4': ['packages/core/test/chains.test.ts', 'is refused, though every hash of every file is right'],
  'write-5': [
    'packages/core/test/copies.test.ts',
    'a backup that has a copy is neither removed nor pruned, nor is what it needs',
  ],
  'read-1': ['packages/core/test/verify-law.test.ts', 'a refused backup does not reach the target'],
  'offsets-2': [
    'packages/core/src/read/open.test.ts',
    'has offsets of which verify compares every field with the parts',
  ],
  'lost-3': ['packages/core/test/lost-is-not-there.test.ts', 'a lost record is in no part of its backup'],
  'chain-4': [
    'packages/encryption/test/encrypted-backup.test.ts',
    'an encrypted backup never builds on a plain one, nor a plain one on an encrypted one',
  ],
  'enc-2': [
    'packages/encryption/test/encrypted-backup.test.ts',
    'leaves a backup that the new key opens and the old one does not',
  ],
  'enc-3': [
    'packages/encryption/src/encryption.test.ts',
    'does not open if somebody without the key added, removed or changed a recipient',
  ],
  'enc-4': [
    'packages/encryption/src/encryption.test.ts',
    'does not open as another backup’s, not even when its id is changed',
  ],
  'enc-5': [
    'packages/encryption/src/codec.test.ts',
    'is refused under another file, resource or backup, and the message says what it belongs to',
  ],
  'enc-6': [
    'packages/encryption/src/codec.test.ts',
    'is refused at every altered byte, and nothing wrong is released before',
  ],
  'enc-7': [
    'packages/encryption/test/encrypted-backup.test.ts',
    'reveals neither names nor records nor counts to somebody who has only the storage',
  ],
  'enc-8': ['packages/encryption/test/corruption.test.ts', 'with every byte of its tag altered'],
}
