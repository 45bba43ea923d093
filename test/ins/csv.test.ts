import fc from 'fast-check'
import t from 'tap'
import { utf8 } from '../../src/crypto/bytes.ts'
import { CsvError, formatCsvRecord, MAX_RECORD_LENGTH, readCsv } from '../../src/ins/csv.ts'

const bytes = (text: string, size = text.length + 1) => {
  const all = utf8(text)
  const parts: Uint8Array[] = []
  for (let at = 0; at < all.length; at += size) parts.push(all.subarray(at, at + size))
  return parts
}

async function read(source: Iterable<Uint8Array>, required: string[] = []) {
  const records: { line: number; fields: string[] }[] = []
  for await (const { line, fields } of readCsv(source, { required })) {
    records.push({ line, fields: [...fields.values()] })
  }
  return records
}

t.test('records, quotes, line ends, separators', async t => {
  const text = 'a,b\r\n1,2\r\n"x, ""y""","two\nlines"\r\n\r\n,\nlast,é'
  const wanted = [
    { line: 2, fields: ['1', '2'] },
    { line: 3, fields: ['x, "y"', 'two\nlines'] },
    { line: 6, fields: ['', ''] },
    { line: 7, fields: ['last', 'é'] },
  ]
  t.same(await read(bytes(text)), wanted)
  for (const size of [1, 2, 3, 7]) t.same(await read(bytes(text, size)), wanted, `in pieces of ${size}`)
  t.same(await read(bytes('\ufeffa;b\n1;2,3\n')), [{ line: 2, fields: ['1', '2,3'] }], 'a French spreadsheet’s')
  t.same(await read(bytes('a\n""\n')), [{ line: 2, fields: [''] }])
  t.same(await read(bytes('a,b\n')), [])
})

t.test('what is not strict CSV is refused, with the line and without the content', async t => {
  const cases: [string, number][] = [
    ['', 1],
    ['A,b\n', 1],
    ['a,a\n', 1],
    ['184127645108946,2\n', 1],
    ['a\n1\n', 1],
    ['n,b\nsecret\n', 2],
    ['n,b\nsecret,2,3\n', 2],
    ['n,b\nx,y\n"secret" ,2\n', 3],
    ['n,b\nse"cret,2\n', 2],
    ['n,b\n1,2\n"secret,2\n', 3],
    ['n,b\nsecret\u0007,2\n', 2],
    ['n,b\nse\rcret,2\n', 2],
    ['n,b\n"secret"x",2\n', 2],
    [`n,b\n1,2\n${'secret'.repeat(4000)},2\n`, 3],
    [`n,${Array.from({ length: 64 }, (_, i) => `c${i}`).join()}\n`, 1],
  ]
  for (const [text, line] of cases) {
    try {
      await read(bytes(text), ['n'])
      t.fail(`accepted: ${text.slice(0, 20)}`)
    } catch (error) {
      t.ok(CsvError.is(error, 'csv-malformed'), text.slice(0, 30))
      if (CsvError.is(error)) t.equal(error.line, line, error.message)
      t.notMatch(String(error), /secret|1841276/)
    }
  }
  await t.rejects(read([Uint8Array.of(0x61, 0x0a, 0xe9, 0x0a)]), { code: 'csv-malformed' }, 'Latin-1')
  const broken = (async function* () {
    yield utf8('a\n')
    throw new Error('disk')
  })()
  await t.rejects(
    async () => {
      for await (const _ of readCsv(broken, { required: [] }));
    },
    { message: 'disk' },
  )
})

t.test('an endless record does not fill the memory', async t => {
  let given = 0
  const endless = (function* () {
    yield utf8('a\n"')
    for (;;) {
      given += 1024
      yield new Uint8Array(1024).fill(0x78)
    }
  })()
  await t.rejects(read(endless), { code: 'csv-malformed' })
  t.ok(given <= MAX_RECORD_LENGTH + 2048)
})

t.test('what is written is read back', async () => {
  const field = fc.string({ maxLength: 20 }).filter(text => !/[\p{Cc}\ud800-\udfff]/u.test(text) || text === '\n')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(field, field), { maxLength: 5 }),
      fc.integer({ min: 1, max: 9 }),
      async (rows, size) => {
        const text = formatCsvRecord(['a', 'b']) + rows.map(formatCsvRecord).join('')
        const back = (await read(bytes(text, size))).map(({ fields }) => fields)
        if (JSON.stringify(back) !== JSON.stringify(rows)) throw new Error('differs')
      },
    ),
    { numRuns: 100 },
  )
})
