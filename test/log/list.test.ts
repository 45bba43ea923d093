import t from 'tap'
import { listHash } from '../../src/log/list.ts'
import { DocumentId } from '../../src/protocol/ids.ts'

const [a, b] = ['AAAAAAAAAAAAAAAAAAAAAA', 'AQEBAQEBAQEBAQEBAQEBAQ'].map(id => DocumentId.parse(id)) as [
  DocumentId,
  DocumentId,
]

t.test('the hash of a list says which documents, and in which order', t => {
  t.not(listHash([a, b]), listHash([b, a]))
  t.not(listHash([a, b]), listHash([a]))
  t.not(listHash([]), listHash([a]))
  t.end()
})

t.test('known answers, computed from the page’s words by another program', t => {
  t.equal(listHash([]), '2pW5hYngI6Ab4jZaLx9wSLv7ZGqcLuGwWZTOaa6mqR8')
  t.equal(listHash([a, b]), 'JbTG-bA44EXomUUm09vAYaLC5Ov0klwsLCz9nCtewbU')
  t.end()
})
