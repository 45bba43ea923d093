/**
 * What people choose first, in French and English: compared after lower case, undone letter-like signs and cut digits
 * at the end (`secret-code.ts`), so each stands for a family. Short on purpose: the host's lock-out and the device or
 * kit secret carry the security; this only keeps the worst away.
 */
export const COMMON_SECRET_CODES: ReadonlySet<string> = new Set(
  `password passwort motdepasse mdp motdepass passepartout secret secretcode codesecret qwerty qwertyuiop azerty
  azertyuiop qwertz asdfgh asdfghjkl qsdfgh qsdfghjklm admin administrateur administrator root user utilisateur invite
  guest bienvenue welcome bonjour bonsoir salut hello soleil sunshine princesse princess doudou loulou chouchou nounours
  chocolat chocolate fromage camembert marseille paris lyon france toulouse bordeaux nantes lille psg om football
  baseball basketball rugby dragon monkey letmein iloveyou jetaime jetadore jtm amour love coucou coeur mamour cheval
  chien chat minou papillon vacances maman papa mamie papi famille enfant enfants nicolas thomas julien alexandre
  camille marie sophie isabelle nathalie caroline charlotte caramel vanille pikachu pokemon superman batman spiderman
  starwars matrix naruto minecraft fortnite zidane mbappe ronaldo messi ferrari porsche peugeot renault citroen
  computer ordinateur internet google facebook whatsapp instagram youtube microsoft windows samsung iphone
  sante santé docteur medecin médecin hopital hôpital pharmacie vitale cartevitale dmp coffre dossier monespace
  trustno access passw pass passw0rd changeme changezmoi default test testtest tester azer qwer abcdef abcdefg
  abcdefgh abcd abc iloveu babygirl michael jordan jennifer jessica ashley master shadow killer hunter freedom
  whatever blink nothing anything everything summer winter spring autumn printemps automne hiver
  janvier fevrier février mars avril juin juillet aout août septembre octobre novembre decembre décembre
  lundi mardi mercredi jeudi vendredi samedi dimanche qazwsx qaywsx zaqwsx azeqsd azerqsdf`.split(/\s+/),
)
