import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import {parseExperiment} from '../../../src/experiment/parse.js';
import {WRONG_FILES} from './wrong-files.js';

const FOLDER = 'test/fixtures/experiments/wrong';

describe('wrong experiment files', () => {
  it('are all in the table', () => {
    expect(readdirSync(FOLDER).sort()).to.deep.equal(Object.keys(WRONG_FILES).sort());
  });

  for (const [name, expected] of Object.entries(WRONG_FILES)) {
    it(`${name} has exactly the problems that it shows`, () => {
      const {problems} = parseExperiment({file: name, content: readFileSync(join(FOLDER, name)), environment: {}});
      const found = problems.map(({line, column, code, message}) => [line, column, code, message]);
      expect(found).to.deep.equal(expected);
      for (const problem of problems) {
        expect(problem.file).to.equal(name);
        expect(problem.length).to.be.at.least(1);
      }
    });
  }
});
