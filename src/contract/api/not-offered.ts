// What the compatible product has and this version has not: each answers 501 and says so, never an empty success or "not found".
import { PROJECT, SCHEMA } from './scope.ts'

const fleet = 'The protocol of foreign runner images'
const flyway = 'The state of Flyway migrations'
const ofGit = 'A pipeline or input set that is kept in a Git repository'
const authoring = 'Writing change sets with a language model'

export const notOffered: readonly { readonly method: string; readonly path: string; readonly what: string }[] = [
  ['POST', `${SCHEMA}/instance/{dbinstance}/logs`, 'Parsing logs of a foreign engine'],
  ['GET', `${SCHEMA}/instance/{dbinstance}/logs/{log}`, 'Parsing logs of a foreign engine'],
  ['POST', `${SCHEMA}/flyway/migrationstate`, flyway],
  ['GET', `${SCHEMA}/dbinstance/{dbinstance}/flyway/migrationstate`, flyway],
  ['GET', '/v1/step/flyway/migrationscripts', 'Scripts of Flyway migrations'],
  ['POST', '/v1/step/plugin-inputs', fleet],
  ['POST', '/v1/step/plugin-response', fleet],
  ['POST', '/v1/step/flyway/plugin-inputs', fleet],
  ['GET', '/v1/dbops/plugin-capability', fleet],
  ['POST', '/v1/dbops/schema-instance-metadata', fleet],
  ['POST', '/v1/dbops/custom-operations', fleet],
  ['POST', '/v1/dbops/plugin-output-response', fleet],
  ['POST', '/v1/dbops/failure-interrupt', fleet],
  ['POST', '/v1/dbops/metadata-snapshot/{snapshot}', fleet],
  ['POST', '/v1/dbops/db-metadata/{snapshot}', fleet],
  ['POST', '/v1/dbops/flyway/{operation}', fleet],
  ['DELETE', '/v1/dbops/dbschema', 'Deleting the DB schemas of several projects at once'],
  ['POST', `${PROJECT}/change-authoring-event`, authoring],
  ['POST', `${PROJECT}/llm-authoring/execute-pipeline`, authoring],
  ['GET', `${PROJECT}/default-llm-pipeline`, authoring],
  ['GET', `${PROJECT}/pipeline/{pipeline}/status`, authoring],
  ['POST', `${PROJECT}/pipelines/{pipeline}/import`, ofGit],
  ['POST', `${PROJECT}/pipelines/{pipeline}/move-config`, ofGit],
  ['POST', `${PROJECT}/pipelines/{pipeline}/validate`, ofGit],
  ['POST', `${PROJECT}/pipelines/{pipeline}/execute/dynamic`, 'A run of a document that is no pipeline of the project'],
  ['POST', `${PROJECT}/input-sets/{inputSet}/import`, ofGit],
  ['POST', `${PROJECT}/input-sets/{inputSet}/move-config`, ofGit],
  // Beside what is offered they would be taken for the identifier of something.
  ['GET', '/ng/api/connectors/catalogue', 'The catalogue of connector types'],
  ['GET', '/ng/api/connectors/stats', 'Numbers of connectors by type and outcome of their test'],
].map(([method = '', path = '', what = '']) => ({ method, path, what }))
