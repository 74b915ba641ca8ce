import {Chalk} from 'chalk';
import {expect} from 'chai';
import {parseExperiment} from '../../../src/experiment/parse.js';
import {outputToText} from '../../../src/terminal/output.js';
import {problemLines, problemsJson, problemSummary} from '../../../src/terminal/problems.js';

const TEXT = 'version: 1\ntitle: x\nfaults:\n\n  - { name: freeze, puase: {}, for: 20 }\n';
const {problems} = parseExperiment({file: 'shop.yaml', content: TEXT, environment: {}});
const plain = new Chalk({level: 0});

describe('the problem printer', () => {
  it('shows the place, the line, a caret under it, and what to do', () => {
    const text = problemLines(problems, plain).join('\n');
    expect(text).to.include(
      'shop.yaml:5:21 expected a known key; got `puase` [UNKNOWN_KEY]\n    5 |   - { name: freeze, puase: {}, for: 20 }\n      |                     ^^^^^\n  hint: did you mean `pause`?',
    );
  });

  it('cuts a long line around the place', () => {
    const long = parseExperiment({
      file: 'x',
      content: `version: 1\ntitle: "${'a'.repeat(500)}\${env:NOPE}"\n`,
      environment: {},
    });
    for (const line of problemLines(long.problems, plain)) expect(line.length).to.be.below(250);
  });

  it('never sends control characters of the file to the terminal', () => {
    const [first] = problems;
    const output = outputToText();
    output.lines(problemLines([{...first!, sourceLine: '\ta\u001b[31mb', column: 3}], plain));
    expect(output.text()).to.include('|  a␛[31mb\n').and.to.include('|   ^');
  });

  it('sums up and gives JSON with readable paths', () => {
    expect(problemSummary(problems)).to.equal(`${problems.length} problems in shop.yaml`);
    expect(problemsJson(problems).map(problem => problem.path)).to.include('faults[0].puase');
  });
});
