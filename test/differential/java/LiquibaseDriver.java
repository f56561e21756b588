// Runs commands of the real engine in one warm Java machine: a line of base64 words in, a line of base64 words out.
//
// In:  folder command (name value)*     folder: search path; "" as command only answers
//                                       "checksums" is a command of its own: what version 8 would have recorded, a
//                                       change set a line: id, author, path, checksum in base64
// Out: "ok" output                      what the command wrote
//      "fail" message                   the whole chain of causes

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import liquibase.ChecksumVersion;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Scope;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.DatabaseList;
import liquibase.executor.ExecutorService;
import liquibase.lockservice.LockServiceFactory;
import liquibase.parser.ChangeLogParserFactory;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;

public class LiquibaseDriver {
  public static void main(String[] arguments) throws Exception {
    PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
    System.setOut(System.err);
    LogManager.getLogManager().reset();
    Logger.getLogger("").setLevel(Level.OFF);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = commands.readLine()) != null; ) {
      String[] words = line.split(" ", -1);
      for (int index = 0; index < words.length; index++) words[index] = decode(words[index]);
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      try {
        if (!words[1].isEmpty()) run(words, output);
        answers.println("ok " + encode(output.toString("UTF-8")));
      } catch (Throwable problem) {
        answers.println("fail " + encode(chain(problem)));
      }
      answers.flush();
    }
  }

  private static void run(String[] words, OutputStream output) throws Exception {
    Map<String, Object> values = new HashMap<>();
    values.put(Scope.Attr.resourceAccessor.name(), new DirectoryResourceAccessor(new File(words[0])));
    Scope.child(values, () -> {
      // What earlier commands left in memory about databases that were emptied since.
      ChangeLogHistoryServiceFactory.getInstance().resetAll();
      LockServiceFactory.getInstance().resetAll();
      Scope.getCurrentScope().getSingleton(ExecutorService.class).reset();
      if (words[1].equals("checksums")) {
        checksums(words, output);
        return;
      }
      CommandScope command = new CommandScope(words[1]);
      for (int index = 2; index + 1 < words.length; index += 2) command.addArgumentValue(words[index], words[index + 1]);
      command.setOutput(output);
      command.execute();
    });
  }

  private static void checksums(String[] words, OutputStream output) throws Exception {
    Map<String, String> values = new HashMap<>();
    for (int index = 2; index + 1 < words.length; index += 2) values.put(words[index], words[index + 1]);
    ResourceAccessor files = Scope.getCurrentScope().getResourceAccessor();
    String url = values.get("url");
    try (Database database = DatabaseFactory.getInstance()
        .openDatabase(url, values.get("username"), values.get("password"), values.get("driver"), null, null, null, files)) {
      ChangeLogParameters parameters = new ChangeLogParameters(database);
      parameters.setContexts(new Contexts(values.getOrDefault("contextFilter", "")));
      parameters.setLabels(new LabelExpression(values.getOrDefault("labelFilter", "")));
      String root = values.get("changelogFile");
      DatabaseChangeLog changelog = ChangeLogParserFactory.getInstance().getParser(root, files).parse(root, parameters, files);
      StringBuilder lines = new StringBuilder();
      for (ChangeSet one : changelog.getChangeSets()) {
        // As it is hashed when it runs: what is for other databases is gone.
        one.getSqlVisitors().removeIf(visitor -> !DatabaseList.definitionMatches(visitor.getApplicableDbms(), database, true));
        String sum = one.generateCheckSum(ChecksumVersion.V8).toString();
        for (String word : new String[] {one.getId(), one.getAuthor(), one.getFilePath(), sum})
          lines.append(encode(word)).append(' ');
        lines.append('\n');
      }
      output.write(lines.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String chain(Throwable problem) {
    StringBuilder text = new StringBuilder();
    for (Throwable one = problem; one != null; one = one.getCause() == one ? null : one.getCause())
      text.append(one.getClass().getSimpleName()).append(": ").append(one.getMessage()).append('\n');
    return text.toString();
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String decode(String word) {
    return new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8);
  }
}
