import t from 'tap'
import { TerminalScreen } from '../../src/dev/screen.ts'

function screenOn(options: { isTTY: boolean; verbose: boolean }) {
  let written = ''
  const output = { isTTY: options.isTTY, write: (text: string) => (written += text) }
  const screen = new TerminalScreen({ output, progress: { write: () => true }, verbose: options.verbose })
  return { screen, written: () => written }
}

t.test('plain lines in a file, colour on a terminal only, commands when asked for', async t => {
  delete process.env.NO_COLOR
  const file = screenOn({ isTTY: false, verbose: false })
  file.screen.heading(1, 'From numbers')
  file.screen.say('Five of six.')
  file.screen.detail('$ coffre ins derive')
  t.equal(file.written(), '\n1. From numbers\n   Five of six.\n')

  const terminal = screenOn({ isTTY: true, verbose: true })
  terminal.screen.heading(1, 'From numbers')
  terminal.screen.detail('$ coffre ins derive')
  terminal.screen.progress('Depositing', 1, 2)
  t.equal(terminal.written(), '\n\x1b[1m1. From numbers\x1b[0m\n\x1b[2m   $ coffre ins derive\x1b[0m\n')

  process.env.NO_COLOR = '1'
  const plain = screenOn({ isTTY: true, verbose: false })
  plain.screen.line('done', 'green')
  t.equal(plain.written(), 'done\n')
})
