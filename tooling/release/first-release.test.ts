import { describe, expect, test } from 'vitest'
import { forFirstRelease } from './first-release.mjs'

const changeset = (file: string, names: readonly string[], body: string) => ({
  file,
  text: `---\n${names.map((name) => `'${name}': minor\n`).join('')}---\n\n${body}\n`,
})

const introduction = changeset('first-a.md', ['a'], 'The first release. `a` does it.')
const fix = changeset('fix.md', ['a', 'b'], 'It does it well.')

describe('the changelog of a package', () => {
  test('that was never released has only its introduction', () => {
    const left = forFirstRelease(
      [introduction, fix, changeset('only-a.md', ['a'], 'It does it better.')],
      [
        { name: 'a', version: '0.0.0' },
        { name: 'b', version: '1.2.0' },
      ],
    )
    expect(left.get('first-a.md')).toBe(introduction.text)
    expect(left.get('fix.md')).toBe(`---\n'b': minor\n---\n\nIt does it well.\n`)
    expect(left.get('only-a.md')).toBeUndefined()
  })

  test('that was released has every change', () => {
    const left = forFirstRelease(
      [fix],
      ['a', 'b'].map((name) => ({ name, version: '0.1.0' })),
    )
    expect(left.get('fix.md')).toBe(fix.text)
  })

  test('is refused without an introduction', () => {
    expect(() => forFirstRelease([fix], [{ name: 'b', version: '0.0.0' }])).toThrow('Nothing introduces b')
  })
})
