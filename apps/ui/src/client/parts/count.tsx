import { number } from '../words.js'

/** A cell with a count. On a narrow screen, where a row becomes a block, it says what is counted. */
export function Count({ name, of }: { readonly name: string; readonly of: number }) {
  return (
    <td data-name={name} class="number">
      {number(of)}
    </td>
  )
}
