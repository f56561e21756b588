// Runs commands of the real engine in one warm Java machine: a line of base64 words in, a line of base64 words out.
//
// In:  folder command (name value)*     folder: search path; "" as command only answers
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
import liquibase.Scope;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.command.CommandScope;
import liquibase.executor.ExecutorService;
import liquibase.lockservice.LockServiceFactory;
import liquibase.resource.DirectoryResourceAccessor;

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
      CommandScope command = new CommandScope(words[1]);
      for (int index = 2; index + 1 < words.length; index += 2) command.addArgumentValue(words[index], words[index + 1]);
      command.setOutput(output);
      command.execute();
    });
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
