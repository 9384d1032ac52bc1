// A mail server for tests: server.mjs USER PASSWORD CERTIFICATE KEY. Listens on two free ports of
// 127.0.0.1, one with STARTTLS and one with TLS from the first byte, and prints `listening P Q`. Each
// mail it takes is one line of JSON on stdout: {from, to, user, secure, data (base64)}; each mail that
// it does not take, one with `refused`. What to do stands in the local part of the recipient:
//   nobody@ 550 5.1.1   full@ 552 5.2.2   policy@ 550 5.7.1   later@ 451   spam@ 554 after the content
//   drop@ ends the connection at RCPT   lost@ takes the content and ends it without an answer
//   slow@ never answers the content   again@ answers it only when it comes a second time, byte for byte
import {readFileSync} from 'node:fs';
import {SMTPServer} from 'smtp-server';

const [user, password, certificate, key] = process.argv.slice(2);

const refuse = (code, text) => Object.assign(new Error(text), {responseCode: code});
const atRecipient = {
  nobody: [550, '5.1.1 There is nobody here by that name'],
  full: [552, '5.2.2 The mailbox is full'],
  policy: [550, '5.7.1 We do not like you'],
  later: [451, '4.3.0 Try again later'],
};
// The library keeps its sockets to itself; a test has to cut one, after STARTTLS another than before.
const servers = [];
const cut = (session) => {
  for (const server of servers)
    for (const one of server.connections) if (one.session === session) one._socket.destroy();
};
const seen = new Set();
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');

const options = {
  authOptional: false,
  disableReverseLookup: true,
  authMethods: ['PLAIN', 'LOGIN'],
  cert: readFileSync(certificate),
  key: readFileSync(key),
  onAuth(auth, session, done) {
    if (auth.username === user && auth.password === password) return done(null, {user: auth.username});
    done(refuse(535, '5.7.8 Wrong password'));
  },
  onRcptTo(address, session, done) {
    const word = address.address.split('@')[0];
    if (word === 'drop') return cut(session);
    const answer = atRecipient[word];
    if (!answer) return done();
    say({refused: address.address, code: answer[0]});
    done(refuse(...answer));
  },
  onData(stream, session, done) {
    const pieces = [];
    stream.on('data', (piece) => pieces.push(piece));
    stream.on('end', () => {
      const to = session.envelope.rcptTo.map((one) => one.address);
      const word = to[0].split('@')[0];
      const data = Buffer.concat(pieces).toString('base64');
      if (word === 'spam') return done(refuse(554, '5.7.1 This is spam'));
      say({from: session.envelope.mailFrom.address, to, user: session.user, secure: session.secure,
           data});
      if (word === 'lost') return cut(session);
      if (word === 'slow' || (word === 'again' && !seen.has(data))) return void seen.add(data);
      done();
    });
  },
};

const listen = (more) => new Promise((ready) => {
  const server = new SMTPServer({...options, ...more});
  servers.push(server);
  server.on('error', () => {});
  server.listen(0, '127.0.0.1', () => ready(server.server.address().port));
});

const ports = [await listen({secure: false}), await listen({secure: true})];
process.stdout.write(`listening ${ports.join(' ')}\n`);
