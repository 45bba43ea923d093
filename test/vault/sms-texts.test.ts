import t from 'tap'
import { noticeSms, passwordSms } from '../../src/vault/sms-texts.ts'

/** GSM 03.38's default alphabet, as far as one septet a character goes. */
const GSM = /^[A-Za-z0-9 @£$¥èéùìòÇØøÅåÆæßÉ!"#¤%&'()*+,./:;<=>?¡ÄÖÑÜ§¿äöñüà_-]*$/

t.test('each message is one SMS, French first, and says nothing medical and no address', t => {
  const texts = [passwordSms('12345678'), noticeSms('access'), noticeSms('change')]
  for (const text of texts) {
    t.match(text, GSM)
    t.ok(text.length <= 160, `${text.length} characters`)
    t.notMatch(
      text,
      /sant[ée]|m[ée]dic|patient|docteur|doctor|soin|care|health|dossier|record|document|grant|dmp|https?:/i,
    )
  }
  t.ok(passwordSms('12345678').indexOf('usage unique') < passwordSms('12345678').indexOf('One-time'))
  t.end()
})
