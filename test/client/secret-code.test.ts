import t from 'tap'
import { checkSecretCode } from '../../src/client/secret-code.ts'

t.test('weak secret codes are refused, and the message never repeats them', async t => {
  const weak = {
    'too short': 'Ab1!xyz',
    'seven characters in more code units': '😀😀😀😀a1b',
    'all lower case': 'tilleulbrume',
    'all digits': '4829174602',
    'a common word with a year': 'Bonjour2026!',
    leet: 'P@ssw0rd123',
    'two words everybody has': 'Motdepasse1',
    'one symbol over and over': 'aaaaaaaaA1',
    'the INS': 'x12345678 x',
    'the address': 'Camille.g-77',
    'far too long': `a1${'x'.repeat(300)}`,
  }
  for (const [name, code] of Object.entries(weak)) {
    const check = () => checkSecretCode(code, { ins: '1234567890123456789042', contact: 'camille.g@example.org' })
    t.throws(check, { code: 'secret-code-weak' }, name)
    t.throws(check, { message: new RegExp(`^(?!.*${code.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')})`) }, name)
  }
})

t.test('others pass', async t => {
  for (const code of ['Tilleul-47-brume', 'le lac gelé de mai', 'xK9!mmQw', 'correct horse 4 battery']) {
    t.doesNotThrow(
      () => checkSecretCode(code, { ins: '1234567890123456789042', contact: 'camille.g@example.org' }),
      code,
    )
  }
})
