import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProcessFacts } from '../model/process-facts.ts';
import { isNamed, masterOf } from './known-masters.ts';

const facts = (program: string, line: string, ...marks: string[]): ProcessFacts => ({
  program,
  args: line.split('|'),
  marks: new Set(marks),
});

/** As `/proc` shows them: measured with Debian 12's packages, Node.js 24 and PM2 7. */
const CASES: readonly {
  name: string;
  master: ProcessFacts;
  workers: readonly ProcessFacts[];
  others: readonly ProcessFacts[];
}[] = [
  {
    name: 'gunicorn',
    master: facts('python3.11', '/usr/bin/python3|/usr/bin/gunicorn|-w|2|app:app'),
    workers: [facts('python3.11', '/usr/bin/python3|/usr/bin/gunicorn|-w|2|app:app')],
    others: [facts('git', 'git|fetch'), facts('python3.11', 'python3|tool.py')],
  },
  {
    name: 'gunicorn',
    master: facts('python3.11', 'gunicorn: master [app:app]'),
    workers: [facts('python3.11', 'gunicorn: worker [app:app]')],
    others: [facts('convert', 'convert|a.png|b.png')],
  },
  {
    name: 'uvicorn',
    master: facts('python3.11', '/usr/bin/python3|/usr/bin/uvicorn|--workers|2|app:app'),
    workers: [
      facts(
        'python3.11',
        '/usr/bin/python3|-B|-c|from multiprocessing.spawn import spawn_main|--multiprocessing-fork',
      ),
    ],
    others: [
      facts('python3.11', '/usr/bin/python3|-B|-c|from multiprocessing.resource_tracker import main;main(4)'),
    ],
  },
  {
    name: 'puma',
    master: facts('ruby3.1', 'puma 5.6.5 (tcp://127.0.0.1:9292) [shop]||'),
    workers: [facts('ruby3.1', 'puma: cluster worker 0: 19816 [shop]||')],
    others: [facts('ruby3.1', 'puma 5.6.5 (tcp://127.0.0.1:9292) [shop]||'), facts('git', 'git|log')],
  },
  {
    name: 'unicorn',
    master: facts('ruby3.1', 'unicorn master -c unicorn.rb||'),
    workers: [facts('ruby3.1', 'unicorn worker[0] -c unicorn.rb||')],
    others: [facts('ruby3.1', 'unicorn master (old) -c unicorn.rb||')],
  },
  {
    name: 'php-fpm',
    master: facts('php-fpm8.2', 'php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)'),
    workers: [facts('php-fpm8.2', 'php-fpm: pool www')],
    others: [facts('sendmail', 'sendmail|-t')],
  },
  {
    name: 'nginx',
    master: facts('nginx', 'nginx: master process nginx -c /etc/nginx.conf'),
    workers: [
      facts('nginx', 'nginx: worker process'),
      facts('nginx', 'nginx: worker process is shutting down'),
    ],
    others: [facts('nginx', 'nginx: cache manager process'), facts('rotatelogs', 'rotatelogs|/var/log/x')],
  },
  {
    name: 'apache2',
    master: facts('apache2', '/usr/sbin/apache2|-DFOREGROUND'),
    workers: [facts('apache2', '/usr/sbin/apache2|-DFOREGROUND')],
    others: [facts('rotatelogs', 'rotatelogs|/var/log/x'), facts('php-cgi8.2', 'php-cgi')],
  },
  {
    name: 'PM2',
    master: facts('node', 'PM2 v7.0.4: God Daemon (/root/.pm2)'),
    workers: [facts('node', 'node /srv/app.js', 'pm_id'), facts('python3.11', 'python3|app.py', 'pm_id')],
    others: [facts('git', 'git|rev-parse')],
  },
  {
    name: 'node cluster',
    master: facts('node', 'node|app.js'),
    workers: [facts('node', '/usr/bin/node|/srv/app.js', 'NODE_UNIQUE_ID')],
    others: [facts('node', '/usr/bin/node|/srv/job.js'), facts('sh', 'sh|-c|convert', 'NODE_UNIQUE_ID')],
  },
];

describe('the workers of known masters', () => {
  for (const { name, master, workers, others } of CASES) {
    test(`${name}: ${master.args.join(' ')}`, () => {
      const found = masterOf(master);
      assert.equal(found?.name, name);
      for (const child of workers) assert.equal(found.isWorker(child, master), true, child.args.join(' '));
      for (const child of others) assert.equal(found.isWorker(child, master), false, child.args.join(' '));
    });
  }

  test('a script with the name of a server is one only in its language', () => {
    assert.equal(masterOf(facts('bash', 'bash|/srv/gunicorn')), null);
    assert.equal(masterOf(facts('vim', 'vim|/usr/bin/puma')), null);
    assert.equal(masterOf(facts('python3.11', 'python3|/srv/shop.py|gunicorn')), null);
  });
});

test('--children names a program, or the script of an interpreter', () => {
  assert.equal(isNamed(facts('imgproxy', '/usr/bin/imgproxy'), 'imgproxy'), true);
  assert.equal(isNamed(facts('node', 'node|/srv/resize.js|a'), 'resize'), true);
  assert.equal(isNamed(facts('python3.11', '/usr/bin/celery|worker'), 'celery'), true);
  assert.equal(isNamed(facts('git', 'git|imgproxy'), 'img'), false);
});
