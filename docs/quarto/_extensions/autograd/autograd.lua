-- A Quarto shortcode that shows an expression as a page to play with, and as a picture in LaTeX:
--
--   {{< autograd "L = (a*b + c)*f" a=2 b=-3 c=10 f=-2 height=500 >}}
--
-- Every name but height, fold and quiz is a name of the expression. Python is $QUARTO_PYTHON, or python3, with this package.

local OPTIONS = { height = true, fold = true }
local text = pandoc.utils.stringify

local function is_latex()
  return FORMAT:match("latex") or FORMAT:match("beamer")
end

local function shown(args, kwargs)
  local expression = text(args[1])
  if not (is_latex() or FORMAT:match("html") or FORMAT:match("revealjs") or FORMAT:match("epub")) then
    return pandoc.Para({ pandoc.Code(expression) })
  end
  local numbers, options = {}, {}
  for name, value in pairs(kwargs) do
    if OPTIONS[name] then
      table.insert(options, "--" .. name .. "=" .. text(value))
    elseif name ~= "quiz" then
      table.insert(numbers, name .. "=" .. text(value))
    elseif text(value) == "true" then
      table.insert(options, "--quiz")
    end
  end
  table.sort(numbers)
  local arguments = { "-m", "autograd.courses", " " .. expression, table.unpack(numbers) }
  for _, option in ipairs(options) do
    table.insert(arguments, option)
  end
  if is_latex() then
    table.insert(arguments, "--latex")
    if quarto then
      quarto.doc.use_latex_package("tikz")
    end
  end
  local written = pandoc.pipe(os.getenv("QUARTO_PYTHON") or "python3", arguments, "")
  return pandoc.RawBlock(is_latex() and "latex" or "html", written)
end

return { ["autograd"] = shown }
