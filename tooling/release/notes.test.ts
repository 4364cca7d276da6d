import { expect, test } from 'vitest'
import { notesOf } from './notes.mjs'

const changelog = `# @s3db-backup/core

## 0.2.0

### Minor Changes

- It does more.

## 0.1.0

### Minor Changes

- The first release.
`

test('the notes of a release are the changelog entry of its version', () => {
  expect(notesOf(changelog, '0.2.0')).toBe('### Minor Changes\n\n- It does more.')
  expect(notesOf(changelog, '0.1.0')).toBe('### Minor Changes\n\n- The first release.')
  expect(notesOf(changelog, '0.1')).toBeUndefined()
})
