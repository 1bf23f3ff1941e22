import papaparse from 'papaparse'
import { quote } from '../../../sinks/csv/quote.js'
import { csvCells, csvRows } from '../../../sinks/csv/read-csv.js'
import { seeded } from '../../schemas/random.js'

const texts = ['', 'a', 'b,c', 'say "hi"', '"', '""', 'two\nlines', '\n', ',', 'é😀', '\r', '"""x"""', 'a\n"b",\n"']

test('rows and cells come back as they were written, as another parser reads them', () => {
  for (let seed = 0; seed < 3000; seed++) {
    const random = seeded(seed)
    const columns = 1 + random.below(4)
    const cells = Array.from({ length: 1 + random.below(4) }, () => Array.from({ length: columns }, () => random.pick(texts)))
    // A row of one empty cell is written as our format writes it.
    const rows = cells.map(row => (columns === 1 && row[0] === '' ? '""\n' : `${row.map(quote).join(',')}\n`))
    const text = rows.join('')
    expect({ seed, rows: [...csvRows(text)] }).toEqual({ seed, rows })
    expect({ seed, cells: [...csvRows(text)].map(csvCells) }).toEqual({ seed, cells })
    expect(papaparse.parse<string[]>(text.slice(0, -1), { newline: '\n', delimiter: ',' }).data).toEqual(cells)
  }
})

test('a text that ends in the middle gives what there is', () => {
  expect([...csvRows('a,b\nc')]).toEqual(['a,b\n', 'c'])
  expect([...csvRows('a,"b\nc')]).toEqual(['a,"b\nc'])
  expect(csvCells('a,"b')).toEqual(['a', 'b'])
})
