const words =
  'able above after again air also always another answer around ask away back began below between book both boy ' +
  'came carry children city close country cut different does door down each earth eat enough even every example eye'
const vocabulary = words.split(' ')

/** Words that follow from the number and are as different as those of real notes. */
function noteOf(i, length) {
  let state = (i + 1) * 2_654_435_761
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 8
  }
  let note = ''
  while (note.length < length) note += `${vocabulary[next() % vocabulary.length]} ${next() % 97} `
  return note
}

/** A record of about 500 bytes, unless its note is to be shorter. */
export const recordOf = (i, noteLength = 340) => ({
  name: `Person ${i}`,
  email: `person.${i}@example.com`,
  city: ['Lisbon', 'Oslo', 'Quito', 'Hanoi'][i % 4],
  age: 18 + (i % 70),
  note: noteOf(i, noteLength),
})

export const idOf = (i) => `r${String(i).padStart(9, '0')}`

/** So many records in order of their ids, as a backup's rows are. */
export function* rowsOf(records) {
  for (let i = 0; i < records; i++) yield { id: idOf(i), ...recordOf(i) }
}

/** The same, short: about 110 bytes each, so that very many take minutes and not hours. */
export function* shortRowsOf(records) {
  for (let i = 0; i < records; i++) {
    const { note, ...short } = recordOf(i, 0)
    yield { id: idOf(i), ...short }
  }
}
