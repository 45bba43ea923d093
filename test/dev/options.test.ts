import t from 'tap'
import { HELP, readOptions } from '../../src/dev/options.ts'

t.test('reads what npm start was asked', async t => {
  t.strictSame(readOptions([]), { data: 'data', ports: {}, once: false, noJourney: false, verbose: false, help: false })
  const options = readOptions(['--once', '--data', 'elsewhere', '--patients-port', '9443', '--witness-2-port', '9452'])
  t.match(options, { once: true, data: 'elsewhere', ports: { patients: 9443, witness2: 9452 } })
  t.strictSame(Object.keys(options.ports), ['patients', 'witness2'])
  for (const words of [['--nowhere'], ['--patients-port', '0'], ['--mail-port', 'x'], ['--data'], ['stray']]) {
    t.throws(() => readOptions(words), { code: 'usage' }, words.join(' '))
  }
  t.match(HELP, /--professionals-port PORT +8444/)
})
