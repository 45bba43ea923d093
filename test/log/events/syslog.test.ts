import t from 'tap'
import { fromUtf8, utf8 } from '../../../src/crypto/bytes.ts'
import { octetCounted, syslogMessage } from '../../../src/log/events/syslog.ts'

/** RFC 5424 §6, with no structured data. */
const HEADER =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([!-~]{1,255}) ([!-~]{1,48}) - ([!-~]{1,32}) - (.*)$/su

t.test('a message of RFC 5424 as ATNA asks for it', async t => {
  const text = '<?xml?><é/>'
  const message = syslogMessage({ t: '2026-11-24T08:25:00.000Z', hostname: 'host.example' }, text)
  const [, priority, time, host, , id, rest] = HEADER.exec(fromUtf8(message)) ?? []
  t.same([priority, time, host, id, rest], ['85', '2026-11-24T08:25:00.000Z', 'host.example', 'IHE+RFC-3881', text])
  const odd = fromUtf8(syslogMessage({ t: '2026-11-24T08:25:00.000Z', hostname: `é ${'x'.repeat(300)}` }, text))
  t.match(odd, HEADER)
  t.match(fromUtf8(syslogMessage({ t: '2026-11-24T08:25:00.000Z', hostname: '' }, text)), / - coffre - /)
})

t.test('a frame counts octets, not characters', async t => {
  t.equal(fromUtf8(octetCounted(utf8('é'))), '2 é')
})
