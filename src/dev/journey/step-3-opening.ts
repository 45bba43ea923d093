import { kitFile, MAIL, patient, patientAnswers, patientWords, SECRET_CODE } from './parties.ts'
import { check, type Stage, type Step } from './stage.ts'
import { issueLetter } from './step-2-letter.ts'

/** The patient opens the record, gets the second letter because of it, activates and signs in. */
export const opening: Step = {
  number: 3,
  title: 'Camille opens, activates and signs in',
  async play(stage: Stage) {
    const { anchors } = stage.layout
    const words = ['--anchors', anchors, '--ins', stage.fact('ins'), '--kit', kitFile(stage)]
    const opened = await patient(stage, 'open', ...words)
    const record = stage.leave('record', opened.result.recordId)
    stage.say(`Record ${record} is open: keys made on Camille’s machine, recovery kit printed and asked back.`)

    stage.leave('activation code', await issueLetter(stage, 'activation'))
    stage.say('The insurer saw the opening, checked it, and sent the activation letter.')
    await patient(stage, 'activate', '--mail', MAIL)
    await stage.refused(
      patientWords(stage, 'activate', '--mail', MAIL),
      ['device-exists', 'registration-used'],
      patientAnswers(stage),
    )
    await patient(stage, 'sign-in')
    const mails = stage.running.mail.mails.filter(({ to }) => to.includes(MAIL))
    check(mails.length >= 2, 'a one-time password came by mail at activation, another at sign-in')
    check(!mails.some(({ text }) => text.includes(SECRET_CODE)), 'no mail holds the secret code')
    stage.say('Activated with the second code, the kit, a secret code the host never sees, and a mail address;')
    stage.say('signed in with the secret code and a one-time password.')
  },
}
